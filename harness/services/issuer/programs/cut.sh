# Cuts this host off from the host NAME, port 443; says so where it is reached all the same.
reached() {
    python3 -c "import os, socket; socket.create_connection((os.environ['NAME'], 443), 5)"
}
reached || exit 1
for address in $(getent ahostsv4 "$NAME" | cut -d" " -f1 | sort -u); do
    ip route replace unreachable "$address"
done
reached 2>&1 | tail -n1 | grep . || { echo "$NAME is reached although it was cut off" >&2; exit 1; }
