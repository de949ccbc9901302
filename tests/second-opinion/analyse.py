"""Asks network-config-analyzer who may connect to whom, in many small clusters by one process.

Usage: python analyse.py CLUSTER.yaml... > answers.json

Each file is one cluster. The answer is a list with one entry for each, in the order of the arguments:

    {"pods": [POD...], "edges": [{"from": PEERS, "to": PEERS, "allow": {"TCP": [[first, last]...], ...}}...]}
    {"refused": "why"}                              if the analyser does not take the input

    POD = "NAMESPACE/KIND/WORKLOAD/NAME"            one pod; the analyser makes at most two of a workload
    PEERS = {"pods": [POD...], "cidrs": ["10.0.0.0/9"...]}

An edge means every pair of its peers. A pair may stand in several edges, which add up. The answer is read from the
analyser's own sets of connections, before they are simplified and worded for people.
"""

import contextlib
import json
import re
import sys

from nca.CoreDS.Peer import BasePeerSet, IpBlock
from nca.NetworkConfig.ResourcesHandler import ResourcesHandler
from nca.Resources.PolicyResources.NetworkPolicy import PolicyConnectionsFilter
from nca.Utils.NcaLogger import NcaLogger

PROTOCOLS = ["TCP", "UDP", "SCTP"]
WORKLOAD = re.compile(r"(?P<namespace>[^/]+)/(?P<name>[^(]+)\((?P<kind>[^)]+)\)")


def pod_name(pod):
    """The pod under the name of its workload, which the analyser keeps as `namespace/name(Kind)`."""
    workload = WORKLOAD.fullmatch(pod.workload_name)
    return "/".join([workload["namespace"], workload["kind"], workload["name"], pod.name])


def peers(peer_set):
    """The pods and the addresses of a set of the analyser's peers."""
    pods, cidrs = [], []
    for peer in peer_set:
        if isinstance(peer, IpBlock):
            cidrs += peer.get_cidr_list()
        else:
            pods.append(pod_name(peer))
    return {"pods": sorted(pods), "cidrs": sorted(cidrs)}


def edges(config):
    """The connections that pass, as the analyser's cubes: peers times peers times protocols times ports."""
    wanted = PolicyConnectionsFilter.only_all_allowed_connections()
    connections = config.allowed_connections(res_conns_filter=wanted).all_allowed_conns
    connections = config.filter_conns_by_peer_types(connections)
    answer = []
    for raw in connections:
        cube = connections.get_connectivity_cube(raw)
        ports = [[interval.start, interval.end] for interval in cube["dst_ports"].port_set]
        protocols = cube["protocols"]
        allow = {protocol: ports for protocol in PROTOCOLS if protocol in protocols}
        answer.append({"from": peers(cube["src_peers"]), "to": peers(cube["dst_peers"]), "allow": allow})
    return answer


def analyse(path):
    """One cluster's answer."""
    # The analyser numbers its peers in one table for the whole process.
    BasePeerSet.reset()
    try:
        config = ResourcesHandler().get_network_config(None, None, None, [path])
        pods = sorted(pod_name(peer) for peer in config.peer_container.get_all_peers_group())
        return {"pods": pods, "edges": edges(config)}
    except Exception as refusal:  # Some input it refuses by name, and some it trips over.
        NcaLogger().flush_messages(silent=True)
        return {"refused": f"{type(refusal).__name__}: {refusal}"}


def main():
    # The analyser prints warnings to either stream; the answer alone goes to standard output.
    with contextlib.redirect_stdout(sys.stderr):
        answers = [analyse(path) for path in sys.argv[1:]]
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
