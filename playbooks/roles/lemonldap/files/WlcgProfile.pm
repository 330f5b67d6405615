# Managed by Ansible.
#
# What the WLCG Token Profile asks of an issuer beyond LemonLDAP::NG 2.21:
#  - the audience that the client asks for by `resource` (RFC 8707) or `audience`,
#  - scopes with a path (`storage.read:/path`), and storage and compute scopes for members of the VO alone,
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

sub init { return 1 }

# Grants what is open to all, and what members may have; all else is left out of the token.
sub keepGrantedScopes {
    my ( $self, $req, $scopes, $rp ) = @_;
    my $member = $self->isRobot($rp) || $self->isMember( $req->userData );
    @$scopes =
      grep { $OPEN{$_} or ( $member and $_ =~ $OF_MEMBERS ) } @$scopes;
    return PE_OK;
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
    $payload->{aud} = @asked == 1 ? $asked[0] : \@asked;
    $payload->{nbf} = $payload->{iat};
    return PE_OK;
}

sub isRobot {
    my ( $self, $rp ) = @_;
    return $self->conf->{oidcRPMetaDataOptions}->{$rp}
      ->{oidcRPMetaDataOptionsAllowClientCredentialsGrant};
}

sub isMember {
    my ( $self, $user ) = @_;
    my $separator = quotemeta $self->conf->{multiValuesSeparator};
    my @held      = split /$separator/, $user->{eduperson_entitlement} // '';
    return scalar grep { $_ eq $self->param('wlcgEntitlement') } @held;
}

sub param {
    my ( $self, $name ) = @_;
    return $self->conf->{customPluginsParams}->{$name};
}

1;
