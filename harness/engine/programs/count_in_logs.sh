# Counts the lines that hold SOUGHT in all logs of a host.
{
    find /var/log -type f ! -path '*/journal/*' -exec grep -aoFe "$SOUGHT" {} +
    journalctl --quiet --no-pager --since=-15min --output=cat --grep="\Q$SOUGHT\E"
} 2> /dev/null | grep -acFe "$SOUGHT"
true
