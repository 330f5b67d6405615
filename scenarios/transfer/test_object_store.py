"""A researcher uses the other infrastructure's object store with a home token."""

import pytest

pytestmark = [
    pytest.mark.needs("org.openstack.keystone"),
    pytest.mark.needs("org.openstack.swift"),
]


@pytest.mark.requirement("CLOUD-007")
@pytest.mark.killed_by("adds-a-byte-to-objects", "tells-another-sum-of-objects")
@pytest.mark.parametrize(
    "size",
    [
        "0 B",
        pytest.param("1 B", marks=pytest.mark.killed_by("flips-a-byte-of-objects")),
        pytest.param("16 MiB", marks=pytest.mark.killed_by("flips-a-byte-of-objects")),
    ],
)
def test_an_object_comes_back_as_it_was_stored(route, cloud, member, size):
    """An object that is read back from the remote site has the checksum of what was stored."""
    stored = cloud.at(route.resource).container(by=member).put(size)
    assert stored.etag() == stored.md5
    assert stored.get(by=stored.container.owner).expect_ok().body == stored.content


@pytest.mark.requirement("CLOUD-007")
@pytest.mark.killed_by("keeps-deleted-objects", "lists-deleted-objects")
def test_a_deleted_object_is_gone(route, cloud, member):
    """A deleted object is no longer found or listed."""
    stored = cloud.at(route.resource).container(by=member).put("1 KiB")
    stored.delete().expect_ok()
    assert stored.get(by=stored.container.owner).status == 404
    assert stored.name not in stored.container.list()


@pytest.mark.requirement("CLOUD-007")
@pytest.mark.killed_by("flips-a-byte-of-objects", "hides-the-object-store")
def test_a_program_stores_an_object(route, cloud, member):
    """A program that uses openstacksdk finds the store in the catalogue and stores an object there."""
    site = cloud.at(route.resource)
    container, name, content = site.container(by=member), "of-a-program", b"some data" * 10_000
    store = site.connection(by=member).object_store
    store.upload_object(container=container.name, name=name, data=content)
    assert store.download_object(name, container=container.name) == content


@pytest.mark.requirement("CLOUD-007")
@pytest.mark.killed_by("flips-a-byte-of-objects")
def test_the_openstack_command_stores_an_object(route, cloud, member):
    """`openstack object create` and `save` bring a file to the remote site and back unchanged."""
    site = cloud.at(route.resource)
    name = site.container(by=member).name
    done = site.openstack(
        "cd $(mktemp -d) && head -c 65536 /dev/urandom > there"
        f" && openstack object create {name} there -f value -c etag"
        f" && openstack object save {name} there --file back && cmp there back",
        by=member,
    )
    assert done.code == 0, f"exit code {done.code}: {done.stderr}"
