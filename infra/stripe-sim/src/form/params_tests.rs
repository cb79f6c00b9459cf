use super::*;
use crate::form::parse;

fn params(body: &str) -> Params {
    Params::new(parse("", body.as_bytes()).unwrap())
}

fn code_and_param(error: &ApiError) -> (String, String) {
    let body = error.body();
    let field = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
    (field("code"), field("param"))
}

#[test]
fn what_nobody_reads_is_unknown_and_named_in_full() {
    let mut all = params("line_items[0][size]=3&mode=payment");
    assert_eq!(all.text("mode").unwrap().as_deref(), Some("payment"));
    let item = all.hashes("line_items").unwrap().remove(0);
    assert!(all.finish().is_ok());
    let error = item.finish().unwrap_err();
    assert_eq!(
        code_and_param(&error),
        ("parameter_unknown".into(), "line_items[0][size]".into())
    );
}

#[test]
fn wrong_shapes_are_refused_with_stripes_codes() {
    type Read = fn(&mut Params) -> Option<ApiError>;
    let cases: [(&str, Read, &str); 8] = [
        ("", |p| p.required_text("a").err(), "parameter_missing"),
        ("a=", |p| p.text("a").err(), "parameter_invalid_empty"),
        ("a[b]=1", |p| p.text("a").err(), ""),
        (
            "a=1.5",
            |p| p.integer("a").err(),
            "parameter_invalid_integer",
        ),
        (
            "a=99999999999999999999",
            |p| p.integer("a").err(),
            "parameter_invalid_integer",
        ),
        ("a=1", |p| p.hash("a").err(), ""),
        ("a[x]=1", |p| p.texts("a").err(), ""),
        ("a=blue", |p| p.choice("a", &["red"]).err(), ""),
    ];
    for (body, read, code) in cases {
        let error = read(&mut params(body)).unwrap();
        assert_eq!(code_and_param(&error), (code.into(), "a".into()), "{body}");
    }
}

#[test]
fn lists_keep_their_order_beyond_ten() {
    let body: Vec<String> = (0..12).map(|index| format!("a[{index}]={index}")).collect();
    let texts = params(&body.join("&")).texts("a").unwrap();
    let expected: Vec<String> = (0..12).map(|index| index.to_string()).collect();
    assert_eq!(texts, expected);
}

#[test]
fn metadata_has_stripes_limits() {
    let read = |body: String| params(&body).metadata("m");
    assert_eq!(read("m[a]=1&m[b]=".into()).unwrap().len(), 1);
    assert!(read(format!("m[{}]=1", "k".repeat(40))).is_ok());
    assert!(read(format!("m[{}]=1", "k".repeat(41))).is_err());
    assert!(read(format!("m[a]={}", "v".repeat(500))).is_ok());
    assert!(read(format!("m[a]={}", "v".repeat(501))).is_err());
    let keys = |count: usize| {
        (0..count)
            .map(|n| format!("m[k{n}]=1&"))
            .collect::<String>()
    };
    assert!(read(keys(50)).is_ok());
    assert!(read(keys(51)).is_err());
    assert!(read("m=1".into()).is_err());
    assert!(read("m[a][b]=1".into()).is_err());
}
