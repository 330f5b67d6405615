"""What the testbed knows of issuers: the AAIs of infrastructures."""

from harness.kinds import WEB, Kind, Reach
from harness.model import ISSUER

KIND = Kind(
    name="issuer",
    title="Identity",
    service_types=(ISSUER,),
    side="home",
    capabilities={
        "password": "Issues tokens for a user's name and password (RFC 6749, section 4.3).",
        "client-credentials": "Issues tokens for a client itself (RFC 6749, section 4.4).",
        "authorization-code": "Logs users in with a browser (RFC 6749, section 4.1).",
        "refresh": "Renews tokens by a refresh token (RFC 6749, section 6).",
        "refresh-rotation": "Replaces a refresh token at each use (RFC 9700, section 4.14.2).",
        "device": "Signs in users on devices without a browser (RFC 8628).",
        "token-exchange": "Exchanges a token for another (RFC 8693).",
        "introspection": "Tells a service whether a token is active (RFC 7662).",
        "revocation": "Revokes tokens (RFC 7009).",
        "userinfo": "Tells a client who the user of a token is (OpenID Connect Core, section 5.3).",
        "groups": "Lists the groups of a user in `wlcg.groups` (WLCG Token Profile, section 2.1.2).",
    },
    schemes={ISSUER: WEB},
    # What a member's credentials can give is told by their source (harness.services.issuer.sources).
    fixtures=dict.fromkeys(
        "issuer member second outsider suspended robot monitor leaver suspension agent".split(),
        Reach((ISSUER,)),
    ),
    controls={
        "forge": ("home",),
        "aai": ("home",),
        "cut_issuer": ("resource",),
        "stand_in": ("home", "resource"),
    },
    credentials="harness.services.issuer.sources:settings_of",
    probe="harness.services.issuer.probes:probe",
    story="harness.services.issuer.narration:tell",
    vocabulary=(
        "harness.services.issuer.user:User",
        "harness.services.issuer.tokens:Token",
        "harness.services.issuer.client:Issuer",
        "harness.services.issuer.fixtures:Issuers",
        "harness.services.issuer.forge:Forge",
        "harness.services.issuer.agent:OidcAgent",
        "harness.clients.browser:Browser",
    ),
    plugins=(
        "harness.services.issuer.fixtures",
        "harness.services.issuer.credentials",
        "harness.services.issuer.outage",
        "harness.services.issuer.suspension",
    ),
)
