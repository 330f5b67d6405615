# Undoes cut.sh, also where that is undone already; fails where the host NAME does not answer then.
for address in $(getent ahostsv4 "$NAME" | cut -d" " -f1 | sort -u); do
    ip route del unreachable "$address" 2> /dev/null
done
python3 -c "import os, socket; socket.create_connection((os.environ['NAME'], 443), 5)"
