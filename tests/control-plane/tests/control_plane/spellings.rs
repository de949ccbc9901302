//! YAML spellings mean the same to the reader as to kubectl.

use anyhow::Result;
use watertight_testbed::ControlPlane;

#[test]
fn kubectl_is_there() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    assert!(plane.kubectl(&["version", "--client"])?.contains(plane.version()));
    Ok(())
}
