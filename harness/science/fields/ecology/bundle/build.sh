# R and vegan as Debian packages, unpacked: a worker needs no root, and installs nothing.
# Fails where Debian has another version: look whether the figures still hold before you change it here.
mkdir debs
apt-get -qq install --yes --no-install-recommends --download-only -o Dir::Cache::archives="$PWD/debs" \
    r-base-core=4.5.0-3 r-cran-vegan=2.6-10+dfsg-1 >/dev/null
for package in debs/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$BUNDLE" --exclude './usr/share/doc/*/*' \
        --exclude './usr/share/man' --exclude './usr/share/locale' --exclude './usr/share/icons' \
        --exclude './usr/lib/R/library/*/po' --exclude './usr/lib/R/library/*/help' \
        --exclude './usr/lib/R/*library/*/html' --exclude './usr/lib/R/*library/*/doc'
    dpkg-deb --field "$package" Package Version >>"$BUNDLE/packages.txt"
done

# Links to places of a whole system.
rm -rf "$BUNDLE/usr/lib/R/etc"
cp -r "$BUNDLE/etc/R" "$BUNDLE/usr/lib/R/etc"
rm -rf "$BUNDLE/etc" "$BUNDLE/var"
