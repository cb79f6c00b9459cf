//! Random text for secrets and request ids.

use anyhow::anyhow;
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// `N` random bytes as text of `A-Z a-z 0-9 - _`.
pub(crate) fn text<const N: usize>() -> anyhow::Result<String> {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes).map_err(|_| anyhow!("the system has no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
