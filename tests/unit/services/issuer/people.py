"""Members of an infrastructure, and what the sources of their tokens find around them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.errors import PreconditionError
from harness.model import ISSUER, Credentials, Infrastructure, Member, Service
from harness.services.issuer import sources
from harness.services.issuer.kind import KIND
from harness.services.issuer.sources.base import Place, Source
from harness.services.issuer.sources.kept import Kept
from harness.services.issuer.user import User
from harness.state import State

PASSWORD = "word-of-ada"
ANY = "https://wlcg.cern.ch/jwt/v1/any"


def issuer_service(*, without: str = "") -> Service:
    """An issuer that declares all capabilities but one."""
    return Service(
        type=ISSUER,
        endpoint="https://aai.home.test",
        implementation="x",
        host="aai.home.test",
        site="HOME",
        infrastructure="home",
        token_profile="wlcg",
        capabilities=frozenset(KIND.capabilities) - {without},
    )


def source_of(
    home: Infrastructure,
    issuer: Any = None,
    *,
    member: Member | None = None,
    credentials: dict[str, Any] | str | None = None,
    state: Path | None = None,
    without: str = "",
    workstation: Any = None,
    http: Any = None,
) -> Source:
    """Return the source of a member's tokens; the first member where none is named."""
    member = member or home.members[0]
    if credentials is not None:
        given = {"source": credentials} if isinstance(credentials, str) else credentials
        member = member.model_copy(update={"credentials": Credentials.model_validate(given)})

    def secret(name: str) -> str:
        if not name.startswith(("password_", "client_")):
            raise PreconditionError(f"lack {name}")
        return PASSWORD

    def kept(name: str) -> Kept:
        assert state is not None, "a test of what is kept gives a folder"
        return Kept(State("unit", state), home.name, name)

    place = Place(
        infrastructure=home,
        member=member,
        any_audience=ANY,
        issuer=lambda named=None, *, public=False: issuer,
        secret=secret,
        kept=kept,
        workstation=lambda: workstation,
        http=lambda: http,
    )
    return sources.source_of(place, issuer_service(without=without))


def user(home: Infrastructure, issuer: Any = None, **rest: Any) -> User:
    """Return a user; the first member, who has a password, where nothing else is said."""
    return User(source_of(home, issuer, **rest))
