# Undoes cut.sh, and fails where the host NAME is not reached then.
for address in $(getent ahostsv4 "$NAME" | cut -d" " -f1 | sort -u); do
    ip route del unreachable "$address"
done
python3 -c "import os, socket; socket.create_connection((os.environ['NAME'], 443), 5)"
