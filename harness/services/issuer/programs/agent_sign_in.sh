# Starts an oidc-agent that signs in as a device, and goes on while that waits for the user.
#
# CLIENT is the client in JSON, WORD encrypts the account. What oidc-gen says stands in `said`, its exit code
# in `ended`. The agent goes out by a proxy of its own, which writes the time of each connection into
# `connections`: so one sees from outside how often the agent asks.
umask 077
command -v microsocks > /dev/null || { echo 'microsocks is not installed at this workstation' >&2; exit 127; }
mkdir config
printf %s "$CLIENT" > client.json
cat > sign-in << 'END'
port=$(python3 -c "import socket; print(socket.create_server(('127.0.0.1', 0)).getsockname()[1])")
microsocks -i 127.0.0.1 -p "$port" 2>&1 | while read -r line; do
    case $line in *" connected to "*) date +%s.%N >> connections ;; esac
done &
export ALL_PROXY="socks5h://127.0.0.1:$port" OIDC_CONFIG_DIR="$PWD/config"
started=$(oidc-agent --quiet)  # the daemon tells its address after its parent has ended,
echo "$started" > agent.env
. ./agent.env
# and before it listens there
for _ in $(seq 100); do if oidc-agent --status > /dev/null 2>&1; then break; fi; sleep 0.1; done
oidc-gen home --flow=device --file=client.json --pw-env=WORD --prompt=none --confirm-default \
    --no-url-call < /dev/null > said 2>&1
echo $? > ended
END
setsid sh sign-in > failed 2>&1 &
echo $! > group
