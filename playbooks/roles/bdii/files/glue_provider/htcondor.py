"""An HTCondor pool with its queue, as its own commands tell of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from glue_provider.entries import Settings, entry, life

_GROUP = "GLUE2GroupID=resource,o=glue"
_PATIENCE = 30
_TYPE = "org.opensciencegrid.htcondorce"


def publish(settings: Settings) -> Iterator[str]:
    """Yield the pool's service, with its endpoint, manager, share, machines and policy.

    A pool that does not answer has no slots, and is in the state `critical`.
    """
    host, vos = settings["host"], list(settings["vos"])
    slots = [slot for slot in _ask("condor_status", "-json") if slot.get("PartitionableSlot")]
    queues = _ask("condor_status", "-schedd", "-json")
    queue = queues[0] if queues else {}
    words = str(queue.get("CondorVersion", "")).split()
    version = words[1] if len(words) > 1 else "unknown"
    total = sum(int(slot["TotalSlotCpus"]) for slot in slots)
    free = sum(int(slot["Cpus"]) for slot in slots)
    memory = max((int(slot["TotalSlotMemory"]) for slot in slots), default=0)
    running, waiting = (int(queue.get(name, 0)) for name in ("TotalRunningJobs", "TotalIdleJobs"))
    answers = bool(slots and queues)

    ids = {part: f"urn:ogf:{part}:{host}:htcondor" for part in _PARTS}
    service, endpoint, manager, share, machines = (ids[part] for part in _PARTS)
    at = f"GLUE2ServiceID={service},{_GROUP}"
    common = life(settings)
    jobs = {"RunningJobs": running, "WaitingJobs": waiting, "TotalJobs": running + waiting}
    yield entry(
        at,
        ["GLUE2Service", "GLUE2ComputingService"],
        ServiceID=service,
        EntityName=host,
        ServiceType=_TYPE,
        ServiceCapability="executionmanagement.jobexecution",
        ServiceQualityLevel="testing",
        ServiceAdminDomainForeignKey=settings["site"],
        ServiceComplexity="endpointType=1, share=1, resource=1",
        **{f"ComputingService{name}": count for name, count in jobs.items()},
        **common,
    )
    yield entry(
        f"GLUE2EndpointID={endpoint},{at}",
        ["GLUE2Endpoint", "GLUE2ComputingEndpoint"],
        EndpointID=endpoint,
        EndpointURL=settings["endpoint"],
        EndpointCapability="executionmanagement.jobexecution",
        EndpointInterfaceName=_TYPE,
        EndpointInterfaceVersion=version,
        EndpointImplementor="HTCondor",
        EndpointImplementationName="htcondor",
        EndpointImplementationVersion=version,
        EndpointQualityLevel="testing",
        EndpointHealthState="ok" if answers else "critical",
        EndpointServingState="production" if answers else "closed",
        EndpointIssuerCA=settings["issuer_ca"],
        ComputingEndpointStaging="staginginout",
        ComputingEndpointJobDescription="condor:classad",
        EndpointServiceForeignKey=service,
        ComputingEndpointComputingServiceForeignKey=service,
        **common,
    )
    policy = f"{endpoint}:access"
    yield entry(
        f"GLUE2PolicyID={policy},GLUE2EndpointID={endpoint},{at}",
        ["GLUE2Policy", "GLUE2AccessPolicy"],
        PolicyID=policy,
        PolicyScheme="org.glite.standard",
        PolicyRule=[f"VO:{vo}" for vo in vos],
        PolicyUserDomainForeignKey=vos,
        AccessPolicyEndpointForeignKey=endpoint,
        **common,
    )
    yield entry(
        f"GLUE2ManagerID={manager},{at}",
        ["GLUE2Manager", "GLUE2ComputingManager"],
        ManagerID=manager,
        ManagerProductName="HTCondor",
        ManagerProductVersion=version,
        ComputingManagerTotalLogicalCPUs=total,
        ComputingManagerTotalSlots=total,
        ComputingManagerSlotsUsedByGridJobs=total - free,
        ManagerServiceForeignKey=service,
        ComputingManagerComputingServiceForeignKey=service,
        **common,
    )
    yield entry(
        f"GLUE2ShareID={share},{at}",
        ["GLUE2Share", "GLUE2ComputingShare"],
        ShareID=share,
        ShareDescription="all slots",
        ComputingShareMappingQueue="pool",
        ComputingShareServingState="production" if answers else "closed",
        ComputingShareMaxMainMemory=memory,
        ComputingShareUsedSlots=total - free,
        ComputingShareFreeSlots=free,
        **{f"ComputingShare{name}": count for name, count in jobs.items()},
        ShareEndpointForeignKey=endpoint,
        ShareResourceForeignKey=machines,
        ShareServiceForeignKey=service,
        ComputingShareComputingEndpointForeignKey=endpoint,
        ComputingShareExecutionEnvironmentForeignKey=machines,
        ComputingShareComputingServiceForeignKey=service,
        **common,
    )
    yield entry(
        f"GLUE2ResourceID={machines},GLUE2ManagerID={manager},{at}",
        ["GLUE2Resource", "GLUE2ExecutionEnvironment"],
        ResourceID=machines,
        ExecutionEnvironmentPlatform="amd64",
        ExecutionEnvironmentOSFamily="linux",
        ExecutionEnvironmentOSName="debian",
        ExecutionEnvironmentMainMemorySize=memory,
        ExecutionEnvironmentLogicalCPUs=total,
        ExecutionEnvironmentTotalInstances=len(slots),
        ExecutionEnvironmentConnectivityIn="FALSE",
        ExecutionEnvironmentConnectivityOut="TRUE",
        ResourceManagerForeignKey=manager,
        ExecutionEnvironmentComputingManagerForeignKey=manager,
        **common,
    )


_PARTS = (
    "ComputingService",
    "ComputingEndpoint",
    "ComputingManager",
    "ComputingShare",
    "ExecutionEnvironment",
)


def _ask(*command: str) -> list[dict[str, Any]]:
    """Return what a command lists; nothing where the pool does not answer."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return []
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else []
