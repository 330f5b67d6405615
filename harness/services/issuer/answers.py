"""What an issuer answers: tokens, or an error in the words of OAuth 2.0."""

from __future__ import annotations

from dataclasses import dataclass, fields

from harness.answer import Answer
from harness.redaction import redactor
from harness.services.issuer.tokens import Token, seconds

_REFUSALS = frozenset(
    "access_denied expired_token invalid_client invalid_grant invalid_scope invalid_target "
    "invalid_token unauthorized_client".split()
)
"""Error codes that deny; the token endpoint sends them with HTTP 400 (RFC 6749, section 5.2)."""

_SECRET_FIELDS = ("access_token", "refresh_token", "id_token", "device_code")


@dataclass(frozen=True, repr=False)
class IssuerAnswer(Answer):
    """What an endpoint of the issuer answered; `denied` follows the error codes of OAuth."""

    @property
    def error(self) -> str:
        """The error code, or an empty string where none can be read."""
        found = self.json.get("error")
        return found if isinstance(found, str) else ""

    @property
    def token(self) -> Token:
        """The access token.

        Raises
        ------
        AssertionError
            where none was issued.
        """
        scope = self.json.get("scope")
        return Token(
            self.text_of("access_token"), granted=scope if isinstance(scope, str) else None
        )

    @property
    def lifetime(self) -> float | None:
        """Seconds that the access token lives, by the answer itself; None where it does not say."""
        return seconds(self.json.get("expires_in"))

    @property
    def id_token(self) -> Token:
        """The ID token."""
        return Token(self.text_of("id_token"))

    @property
    def refresh_token(self) -> str:
        """The refresh token."""
        return self.text_of("refresh_token")

    @property
    def active(self) -> bool:
        """What introspection says of the token (RFC 7662, section 2.2)."""
        return self.expect_ok().json.get("active") is True

    def text_of(self, name: str) -> str:
        """Return a field that must be text.

        Raises
        ------
        AssertionError
            where the request failed, or the field is missing, empty or no text.
        """
        value = self.expect_ok().json.get(name)
        if isinstance(value, str) and value:
            return value
        what = f"with an empty `{name}`" if value == "" else f"with a `{name}` that is not text"
        if name not in self.json:
            what = f"without `{name}`"
        raise AssertionError(f"{self.what} answered {self.status} {what}; {self._shown()}")

    def _shown(self) -> str:
        if not self.json:
            return f"not a JSON object: {self.text[:200]!r}"
        return f"it has: {', '.join(sorted(self.json))}"

    def __repr__(self) -> str:
        # The body may hold tokens, and a failed assertion shows what this returns.
        return f"[{self.what} -> {self.status} {self.error or sorted(self.json)}]"


def judged(answer: Answer) -> IssuerAnswer:
    """Return an answer whose refusal is read out of the error code; what was issued is remembered."""
    values = {f.name: getattr(answer, f.name) for f in fields(Answer)}
    found = IssuerAnswer(**values)
    for name in _SECRET_FIELDS:
        if value := found.json.get(name):
            redactor.remember(str(value))
    denied = answer.denied or (not answer.ok and found.error in _REFUSALS)
    return IssuerAnswer(**values | {"denied": denied})
