# Undoes start_stand_in.sh.
systemctl stop testbed-stand-in
rm -rf /run/testbed-stand-in
