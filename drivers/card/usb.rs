//! Usb stub.
use devices::Trouble;
pub(crate) fn readers() -> Result<Vec<String>, Trouble> {
    Ok(Vec::new())
}
