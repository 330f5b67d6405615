# Builds GeoClaw with the initial state of the bowl as one static program.
apt-get -qq install --yes --no-install-recommends gfortran make libc6-dev >/dev/null
tar -xzf "$SOURCES"/clawpack-*.tar.gz
CLAW=$(echo "$PWD"/clawpack-*/)
export CLAW=${CLAW%/} CLAW_PYTHON=python3 FFLAGS="-O2 -static"
cd "$CLAW/geoclaw/examples/tsunami/bowl-slosh"
make -s .exe
mkdir -p "$BUNDLE/bin"
strip -o "$BUNDLE/bin/xgeoclaw" xgeoclaw
cp "$CLAW/LICENSE" "$BUNDLE/"
