# HADDOCK3 from its source archive. It brings CNS 1.3, which is free for non-profit use alone: it is
# unpacked here, on the machine of who builds the bundle, and is no part of the testbed.
# HADDOCK3's own set-up is not run: it would compile programs for clustering and download another one, of which
# this use case needs none.
mkdir source
tar -xzf "$SOURCES"/haddock3-*.tar.gz --strip-components 1 -C source
mkdir -p "$BUNDLE/python"
cp -r source/src/haddock source/src/haddock3.egg-info "$BUNDLE/python/"
cp source/LICENSE "$BUNDLE/LICENSE.haddock3"
cd "$BUNDLE/python/haddock"
find cns/bin -type f ! -name x86_64-linux.bin -delete
rm -rf prodrg
