# R and vegan as Debian packages, unpacked: a worker needs no root, and installs nothing.
# Fails where Debian has another version: look whether the figures still hold before you change it here.
# Its own revisions (what follows the dash) may differ; packages.txt of the bundle names them.
mkdir debs tree
apt-get -qq install --yes --no-install-recommends --download-only -o Dir::Cache::archives="$PWD/debs" \
    "r-base-core=4.5.0-*" "r-cran-vegan=2.6-10+dfsg-*" >/dev/null
for package in debs/*.deb; do
    dpkg-deb --extract "$package" tree
    dpkg-deb --field "$package" Package Version >>"$BUNDLE/packages.txt"
done

# The links of a whole system lead out of the bundle; and of all that R can draw and show, nothing is used.
rm -rf tree/usr/lib/R/etc
cp -r tree/etc/R tree/usr/lib/R/etc
rm -rf tree/usr/lib/R/*library/*/help tree/usr/lib/R/*library/*/html tree/usr/lib/R/*library/*/doc
mkdir -p "$BUNDLE/usr/lib" "$BUNDLE/usr/share/R"
cp -r tree/usr/lib/R tree/usr/lib/x86_64-linux-gnu "$BUNDLE/usr/lib"
cp -r tree/usr/share/R/share "$BUNDLE/usr/share/R"
for unused in tcltk gdk-pixbuf-2.0 perl gio libtcl libtk libX libgio libgdk libharfbuzz libcairo libpango; do
    rm -rf "$BUNDLE/usr/lib/x86_64-linux-gnu/$unused"*
done
find "$BUNDLE" -type l -lname '/*' -delete
