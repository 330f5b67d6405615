"""Password hashes as the program of this role reads them."""

import hashlib


def scrypt(password, salt):
    """Return `salt:hash` in hexadecimal (RFC 7914 with N=16384, r=8, p=1, as Node's default)."""
    derived = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=16384, r=8, p=1, dklen=32
    )
    return f"{salt}:{derived.hex()}"


class FilterModule:
    """Filters of this role."""

    def filters(self):
        """Return them by name."""
        return {"scrypt": scrypt}
