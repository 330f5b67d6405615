# Managed by Ansible.
#
# What the WLCG Token Profile asks of an issuer beyond LemonLDAP::NG 2.21:
#  - the audience that the client asks for by `resource` (RFC 8707) or `audience`,
#  - scopes with a path (`storage.read:/path`), and storage and compute scopes for members of the VO alone;
#    who watches the sites (the VO `ops`) runs jobs, no more,
#  - groups of the VO, in the order that the client asks for by `wlcg.groups:/group`,
#  - the claim `nbf`.
package Lemonldap::NG::Portal::Plugins::WlcgProfile;

use strict;
use Mouse;
use Lemonldap::NG::Portal::Main::Constants qw(PE_OK PE_ERROR);

extends 'Lemonldap::NG::Portal::Main::Plugin';

our $VERSION = '1.0';

use constant hook => {
    oidcResolveScope        => 'keepGrantedScopes',
    oidcGenerateAccessToken => 'completeAccessToken',
};

my %OPEN = map { $_ => 1 } qw(openid offline_access profile email entitlements);

# Paths are normalised: nothing empty between slashes, no dots to follow, not even escaped ones.
my $PATH       = qr{/(?!\S*%2[Ee])(?:(?!\.{1,2}(?:/|$))[^\s/]+(?:/|$))*};
my $OF_MEMBERS =
  qr{^(?:compute\.(?:read|create|modify|cancel)|storage\.(?:read|create|modify|stage):$PATH)$};

my $OF_MONITORS = qr{^compute\.(?:read|create|modify|cancel)$};

sub init { return 1 }

# Grants what is open to all, and what members may have; all else is left out of the token.
sub keepGrantedScopes {
    my ( $self, $req, $scopes, $rp ) = @_;
    my $member = $self->isRobot($rp) || $self->holds( $req->userData, 'wlcgEntitlement' );
    my $monitor = $self->holds( $req->userData, 'wlcgMonitors' );
    @$scopes = grep {
             $OPEN{$_}
          or ( $member  and $self->isOfMembers($_) )
          or ( $monitor and /$OF_MONITORS/ )
    } @$scopes;
    return PE_OK;
}

sub isOfMembers {
    my ( $self, $scope ) = @_;
    my ($group) = $scope =~ m{^wlcg\.groups:(/\S+)$};
    return scalar grep { $_ eq $group } split ' ', $self->param('wlcgGroups')
      if defined $group;
    return ( $scope eq 'wlcg.groups' or $scope =~ $OF_MEMBERS );
}

# The groups that a scope asks for, in their order and each once, then those that are told of every member
# (section 3.1); none where it asks for no groups.
sub groupsOf {
    my ( $self, $scope ) = @_;
    my @asked = grep { /^wlcg\.groups(?::|$)/ } split ' ', $scope;
    return unless @asked;
    my %seen;
    return grep { !$seen{$_}++ }
      ( map { m{:(/\S+)$} ? $1 : () } @asked ),
      split( ' ', $self->param('wlcgDefaultGroups') );
}

# An audience as tokens name it: without a slash at its end, without the default port (section 2.1.1).
sub normalised {
    my ($audience) = @_;
    $audience =~ s{^(https://[^/:]+):443(?=/|$)}{$1};
    $audience =~ s{/$}{};
    return $audience;
}

# An audience that is not on the list yields no token.
sub completeAccessToken {
    my ( $self, $req, $payload, $rp ) = @_;
    my $allowed = $self->param('wlcgAudiences');
    my @asked   = map { split ' ' } grep { defined }
      ( $req->param('resource') // $req->param('audience') );
    @asked = grep { $_ ne $payload->{client_id} } @asked;
    @asked = ( $self->param('wlcgDefaultAudience') ) unless @asked;
    foreach my $audience (@asked) {
        unless ( $audience =~ m{$allowed} ) {
            $self->logger->error("Audience $audience is not allowed");
            return PE_ERROR;
        }
    }
    @asked = map { normalised($_) } @asked;
    $payload->{aud} = @asked == 1 ? $asked[0] : \@asked;
    $payload->{nbf} = $payload->{iat};
    my @groups = $self->groupsOf( $payload->{scope} // '' );
    $payload->{'wlcg.groups'} = \@groups if @groups;
    return PE_OK;
}

sub isRobot {
    my ( $self, $rp ) = @_;
    return $self->conf->{oidcRPMetaDataOptions}->{$rp}
      ->{oidcRPMetaDataOptionsAllowClientCredentialsGrant};
}

# Whether a user has the entitlement of that name; where none is configured, nobody has.
sub holds {
    my ( $self, $user, $name ) = @_;
    my $wanted    = $self->param($name) or return 0;
    my $separator = quotemeta $self->conf->{multiValuesSeparator};
    my @held      = split /$separator/, $user->{eduperson_entitlement} // '';
    return scalar grep { $_ eq $wanted } @held;
}

sub param {
    my ( $self, $name ) = @_;
    return $self->conf->{customPluginsParams}->{$name};
}

1;
