module watertight.dev/testbed/crds-v1alpha1

go 1.26.0

require sigs.k8s.io/network-policy-api v0.1.7
