module watertight.dev/testbed/crds

go 1.26.0

require (
	sigs.k8s.io/gateway-api v1.5.1
	sigs.k8s.io/network-policy-api v0.2.0
)
