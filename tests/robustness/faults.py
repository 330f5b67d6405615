"""What goes wrong at a site while a run goes on, one fault each, and how it is mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.robustness.bed import Bed

STORAGE, ISSUER = "se.cstcloud.test", "aai.egi.test"
_TLS = "/etc/apache2/tls"


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong at one host."""

    name: str
    host: str
    strike: Callable[[Bed], None]
    mend: Callable[[Bed], None]


def _shell(host: str, script: str) -> Callable[[Bed], None]:
    return lambda bed: (bed.shell(host, script), None)[1]


def _docker(verb: str, host: str, *words: str) -> Callable[[Bed], None]:
    return lambda bed: bed.docker(verb, host, *words)


def _up(bed: Bed) -> None:
    """Bring back what is gone: that `up` does so belongs to what is tried."""
    done = bed.command("up")
    if done.code:
        raise RuntimeError(f"`testbed up` ended with {done.code}: {done.last_line}")


def _restart(bed: Bed) -> None:
    bed.docker("restart", STORAGE, "-t", "1")
    _up(bed)


# A certificate of the same key that ended long ago.
_EXPIRED = f"""
cp {_TLS}/hostcert.pem /root/hostcert.saved
openssl x509 -in {_TLS}/hostcert.pem -signkey {_TLS}/hostkey.pem -out /root/expired.pem \
    -not_before 20240101000000Z -not_after 20240102000000Z
cp /root/expired.pem {_TLS}/hostcert.pem
systemctl restart apache2
"""
_VALID = f"cp /root/hostcert.saved {_TLS}/hostcert.pem; systemctl restart apache2"

# The clock of the issuer's program alone; the host's is the machine's.
_CLOCK = """
dpkg -s libfaketime || apt-get install -q --no-install-recommends libfaketime
mkdir -p /run/systemd/system/openid-provider.service.d
library=$(dpkg -L libfaketime | grep -m1 '/libfaketime[.]so[.]1$')
printf '[Service]\\nEnvironment=LD_PRELOAD=%s FAKETIME=+5m FAKETIME_DONT_FAKE_MONOTONIC=1\\n' "$library" \
    > /run/systemd/system/openid-provider.service.d/clock.conf
systemctl daemon-reload
systemctl restart openid-provider
for _ in $(seq 60); do
    said=$(curl -skI "https://$(hostname -f)/" | sed -n 's/^date: *//Ip' | tr -d '\\r')
    [ -z "$said" ] || break
    sleep 1
done
ahead=$(( $(date -d "$said" +%s) - $(date +%s) ))
[ "$ahead" -gt 200 ]  # else nothing would be tried
"""
_RIGHT_CLOCK = """
rm -r /run/systemd/system/openid-provider.service.d
systemctl daemon-reload
systemctl restart openid-provider
"""

_ROTATED = """
cp -p /etc/openid-provider/keys.json /root/keys.saved
node -e '
const { generateKeyPairSync } = require("crypto"), fs = require("fs");
const file = "/etc/openid-provider/keys.json";
const old = JSON.parse(fs.readFileSync(file)), keys = old.keys ?? old;
const fresh = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const made = keys.map((key) => (key.kty === "EC" ? { ...key, ...fresh, kid: key.kid + "-new" } : key));
fs.writeFileSync(file, JSON.stringify(old.keys ? { ...old, keys: made } : made));
'
systemctl restart openid-provider
"""
_FORMER_KEY = (
    "cp -p /root/keys.saved /etc/openid-provider/keys.json; systemctl restart openid-provider"
)

FAST_CLOCK = Fault(
    "an issuer's clock is five minutes fast",
    ISSUER,
    _shell(ISSUER, _CLOCK),
    _shell(ISSUER, _RIGHT_CLOCK),
)

FAULTS = (
    Fault("a storage's host is stopped", STORAGE, _docker("stop", STORAGE, "-t", "1"), _up),
    Fault(
        "a storage's host hangs", STORAGE, _docker("pause", STORAGE), _docker("unpause", STORAGE)
    ),
    Fault(
        "a storage is cut off from the network",
        STORAGE,
        _shell(STORAGE, "ip link set eth0 down"),
        _restart,
    ),
    Fault(
        "a storage's service is stopped",
        STORAGE,
        _shell(STORAGE, "systemctl stop apache2"),
        _shell(STORAGE, "systemctl start apache2"),
    ),
    Fault(
        "a storage's certificate expires",
        STORAGE,
        _shell(STORAGE, _EXPIRED),
        _shell(STORAGE, _VALID),
    ),
    FAST_CLOCK,
    Fault(
        "an issuer signs with a new key",
        ISSUER,
        _shell(ISSUER, _ROTATED),
        _shell(ISSUER, _FORMER_KEY),
    ),
    Fault(
        "an issuer's service is stopped",
        ISSUER,
        _shell(ISSUER, "systemctl stop openid-provider"),
        _shell(ISSUER, "systemctl start openid-provider"),
    ),
)


@dataclass(frozen=True)
class Standing:
    """A fault that is there all night, and what the front page must then say first."""

    fault: Fault
    told: str
    """Words of the first sentence that tell whose fault it is."""


_FOREIGN = "/etc/apache2/issuers/egi.json"
_AREA = "/srv/webdav/vo.interop"

STANDING = (
    Standing(
        FAST_CLOCK,
        "for everybody because of a site’s own software (EGI-TWIN)",
    ),
    Standing(
        Fault(
            "nobody may write to a storage's disk",
            STORAGE,
            _shell(STORAGE, f"stat -c %a {_AREA} > /root/mode.saved; chmod 555 {_AREA}"),
            _shell(STORAGE, f'chmod "$(cat /root/mode.saved)" {_AREA}'),
        ),
        "for everybody because of a site’s own software (CSTCLOUD-TWIN)",
    ),
    Standing(
        Fault(
            "a storage has the wrong keys of the other issuer",
            STORAGE,
            _shell(
                STORAGE,
                f"cp -p {_FOREIGN} /root/issuer.saved; cp /etc/apache2/issuers/cstcloud.json {_FOREIGN}; "
                "systemctl restart apache2",
            ),
            _shell(STORAGE, f"cp -p /root/issuer.saved {_FOREIGN}; systemctl restart apache2"),
        ),
        "because of crossing (egi → CSTCLOUD-TWIN)",
    ),
)

BROKEN_PLAY = Fault(
    "a play fails in the middle",
    STORAGE,
    # No folder can be made where a file is in the way.
    _shell(STORAGE, "mv /etc/apache2/issuers /root/issuers.saved; touch /etc/apache2/issuers"),
    _shell(STORAGE, "rm /etc/apache2/issuers; mv /root/issuers.saved /etc/apache2/issuers"),
)
"""Not in `FAULTS`: it strikes the provisioning, and not a run."""


def small_disk(folder: Path, size: str) -> list[str]:
    """Return the command that puts a disk of that size at a folder."""
    return ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
