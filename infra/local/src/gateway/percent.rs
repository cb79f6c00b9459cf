//! Percent-encoded paths.

/// The path as the HTTP API sees it: decoded once, and cut at a question mark that was encoded.
/// `None` if it is not UTF-8 then.
pub(super) fn path(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let decoded = tail.split_at_checked(2).and_then(|(digits, tail)| {
            let is_escape = *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit);
            let digits = std::str::from_utf8(digits).ok().filter(|_| is_escape)?;
            Some((u8::from_str_radix(digits, 16).ok()?, tail))
        });
        let (byte, tail) = decoded.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = tail;
    }
    let path = String::from_utf8(bytes).ok()?;
    Some(path.split('?').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once() {
        for (encoded, decoded) in [
            ("/v1/gifts", "/v1/gifts"),
            ("/a%20b/%C3%A4", "/a b/ä"),
            ("/a%2Fb", "/a/b"),
            ("/a%252Fb", "/a%2Fb"),
            ("/a+b", "/a+b"),
            ("/100%", "/100%"),
            ("/%zz%4", "/%zz%4"),
            ("/%+1", "/%+1"),
            ("/me%3Fadmin=true", "/me"),
        ] {
            assert_eq!(path(encoded).as_deref(), Some(decoded), "{encoded}");
        }
        assert_eq!(path("/%FF"), None);
    }
}
