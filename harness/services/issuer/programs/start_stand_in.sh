# Starts stand_in.py (PROGRAM) with what it serves (PAGES, CERTIFICATE, KEY), and waits until it listens.
mkdir -pm 700 /run/testbed-stand-in && cd /run/testbed-stand-in &&
printf %s "$PROGRAM" > serve.py && printf %s "$PAGES" > pages.json &&
printf %s "$CERTIFICATE" > certificate.pem && printf %s "$KEY" > key.pem &&
systemd-run --quiet --collect --unit=testbed-stand-in --working-directory=/run/testbed-stand-in \
    --property=KillSignal=SIGKILL python3 serve.py &&
for _ in $(seq 100); do ss -Hltn sport = :443 | grep -q . && exit 0; sleep 0.05; done
exit 1
