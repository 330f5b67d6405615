#!/usr/bin/perl
# Looks once at every ticket that waits for an answer: warns its unit, and calls the operations when the time is over.
# Request Tracker sets the time of a level itself, and leaves to such a program what follows from it.
use strict;
use warnings;
use lib '/usr/local/share/request-tracker5/lib', '/usr/share/request-tracker5/lib';
use JSON ();
use RT -init;

my ($warned, $escalated) = (75, 100);
open my $file, '<', '/etc/helpdesk.json' or die "/etc/helpdesk.json: $!\n";
my $settings = JSON::decode_json(do { local $/; <$file> });
my $fault = $settings->{fault};

my $tickets = RT::Tickets->new(RT->SystemUser);
$tickets->FromSQL("(Status = 'new' OR Status = 'open') AND Due > '1970-01-02' AND Priority < $escalated");
while (my $ticket = $tickets->Next) {
    my ($begun, $due, $now) = ($ticket->CreatedObj->Unix, $ticket->DueObj->Unix, time);
    my $late = $begun + $settings->{warning} * ($due - $begun);
    $ticket->SetPriority($warned) if $now >= $late && $ticket->Priority < $warned && $fault ne 'never-warns';
    $ticket->SetPriority($escalated) if $now >= $due && $fault ne 'never-escalates';
}
