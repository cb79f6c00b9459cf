//! What the functions do to the tables, held against what the template lets them do.
//!
//! The matrix reaches every call there is, so what it saw is all that a function needs: for each call
//! the IAM actions that DynamoDB checks, on which table or index, and of which partition. Each must be
//! allowed; and each combination of action, resource and pattern of keys that is allowed must have been
//! used. So a statement that lets a function put what it only reads is found, too.

use std::{collections::BTreeSet, fs, path::Path};

use recharge_local::template::Template;
use recharge_testkit::simulation::Simulation;
use serde_json::Value as Json;
use serde_norway::Value;

use super::{Seen, act::COMMANDS};

/// Something that was done to a part of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Touch {
    action: String,
    /// As the template names it: `!GetAtt LedgerTable.Arn`.
    resource: String,
    partition: String,
}

/// What one statement allows, of one pattern of keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Allowed {
    action: String,
    resource: String,
    pattern: String,
}

impl Allowed {
    /// Whether its pattern is one kind of key, or one key: a shorter one would be used, too, whatever
    /// is touched.
    fn is_narrow(&self) -> bool {
        let name = self.pattern.strip_suffix("#*").unwrap_or(&self.pattern);
        !name.is_empty() && !name.contains(['*', '?'])
    }

    fn covers(&self, touch: &Touch) -> bool {
        let is_alike = match self.pattern.strip_suffix('*') {
            Some(prefix) => touch.partition.starts_with(prefix),
            None => touch.partition == self.pattern,
        };
        is_alike && self.action == touch.action && self.resource == touch.resource
    }
}

/// All that these calls touch.
pub(crate) fn touched(simulation: &Simulation, calls: &[Seen]) -> BTreeSet<Touch> {
    let requests = calls.iter().filter_map(|(call, _)| call.request.as_ref());
    let touches = requests.flat_map(|(operation, body)| touches(operation, body));
    let named = touches.map(|(action, (table, index), partition)| {
        let logical = ["LEDGER_TABLE", "VIEWS_TABLE"]
            .iter()
            .find(|name| simulation.setting(name) == table)
            .map(|name| {
                if name.starts_with('L') {
                    "LedgerTable"
                } else {
                    "ViewsTable"
                }
            });
        let logical = logical.unwrap_or_else(|| panic!("{table} is no table of ours"));
        let resource = match index {
            None => format!("!GetAtt {logical}.Arn"),
            Some(index) => format!("!Sub ${{{logical}.Arn}}/index/{index}"),
        };
        Touch {
            action: format!("dynamodb:{action}"),
            resource,
            partition,
        }
    });
    named.collect()
}

type Place = (String, Option<String>);

/// The actions that DynamoDB checks for a call, each with its table or index and its partition.
/// A transaction needs those of its parts; a batch has an action of its own.
fn touches(operation: &str, body: &Json) -> Vec<(String, Place, String)> {
    let one = |action: &str, part: &Json, key: &Json| {
        let place = (text(&part["TableName"]), None);
        vec![(action.to_owned(), place, text(&key["PK"]["S"]))]
    };
    match operation {
        "GetItem" | "UpdateItem" | "DeleteItem" => one(operation, body, &body["Key"]),
        "PutItem" => one(operation, body, &body["Item"]),
        "Query" => {
            let condition = text(&body["KeyConditionExpression"]);
            assert!(condition.starts_with("PK = :pk"), "{condition}");
            let index = body["IndexName"].as_str().map(str::to_owned);
            let partition = text(&body["ExpressionAttributeValues"][":pk"]["S"]);
            vec![(
                operation.to_owned(),
                (text(&body["TableName"]), index),
                partition,
            )]
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().unwrap().iter();
            let items = tables.flat_map(|(table, asked)| {
                let asked = asked["Keys"]
                    .as_array()
                    .or_else(|| asked.as_array())
                    .unwrap();
                asked.iter().map(move |item| {
                    let puts = item["PutRequest"]["Item"].as_object();
                    let key = puts.map_or(&item["PK"], |put| &put["PK"]);
                    (operation.to_owned(), (table.clone(), None), text(&key["S"]))
                })
            });
            items.collect()
        }
        "TransactGetItems" | "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().unwrap().iter();
            let parts = items.flat_map(|item| item.as_object().unwrap());
            let parts = parts.flat_map(|(kind, part)| match kind.as_str() {
                "Put" => one("PutItem", part, &part["Item"]),
                "Get" | "Update" | "Delete" => one(&format!("{kind}Item"), part, &part["Key"]),
                "ConditionCheck" => one("ConditionCheckItem", part, &part["Key"]),
                other => panic!("{other} in a transaction"),
            });
            parts.collect()
        }
        other => panic!("say which actions {other} needs"),
    }
}

fn text(value: &Json) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// Fails if a function did what the template does not let it do, or may do what it never did; or an
/// operator's command, by what the guide to deploying says that it needs.
pub(crate) fn assert_equal(touched: &BTreeSet<(String, Touch)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let document: Value = serde_norway::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let template = Template::built_in().unwrap();
    let mut roles: Vec<_> = template
        .functions()
        .iter()
        .map(|function| {
            (
                function.name.clone(),
                allowed(&document, &function.logical_id),
            )
        })
        .collect();
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/deploy.md"));
    let guide = guide.unwrap();
    roles.extend(COMMANDS.map(|command| (command.to_owned(), told_of(command, &guide))));
    let mut wrong = Vec::new();
    for (name, allowed) in roles {
        let done: BTreeSet<_> = touched
            .iter()
            .filter(|(entrance, _)| who(&template, entrance) == name)
            .map(|(_, touch)| touch)
            .collect();
        assert!(!done.is_empty(), "{name} never touched a table");
        let refused = done
            .iter()
            .filter(|touch| !allowed.iter().any(|it| it.covers(touch)));
        wrong.extend(refused.map(|touch| format!("{name} does, and may not: {touch:?}")));
        let wide = allowed.iter().filter(|it| !it.is_narrow());
        wrong.extend(wide.map(|it| format!("{name} may touch too many kinds of keys: {it:?}")));
        let unused = allowed
            .iter()
            .filter(|it| !done.iter().any(|touch| it.covers(touch)));
        wrong.extend(unused.map(|it| format!("{name} may, and never does: {it:?}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the guide says that an operator's command needs: rows of command, actions, table and keys.
fn told_of(command: &str, guide: &str) -> BTreeSet<Allowed> {
    let begin = format!("| `{command}` | ");
    let rows = guide.lines().filter_map(|line| line.strip_prefix(&begin));
    let mut told = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row.trim_end_matches(" |").split(" | ").collect();
        let [actions, table, keys] = cells[..] else {
            panic!("{row}")
        };
        let quoted = |cell: &str| -> Vec<String> {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        let logical = match table {
            "ledger" => "LedgerTable",
            "views" => "ViewsTable",
            other => panic!("no table {other}"),
        };
        for action in quoted(actions) {
            told.extend(quoted(keys).into_iter().map(|pattern| Allowed {
                action: format!("dynamodb:{action}"),
                resource: format!("!GetAtt {logical}.Arn"),
                pattern,
            }));
        }
    }
    told
}

/// The function that is entered so; operators' commands are their own.
fn who(template: &Template, entrance: &str) -> String {
    let named = entrance.split_once(" of ").map(|(_, name)| name.to_owned());
    let mut routes = template.routes();
    let route = routes.find(|route| route.key() == entrance);
    let function = named.or_else(|| route.map(|route| route.function.clone()));
    function.unwrap_or_else(|| entrance.to_owned())
}

/// What the role of a function lets it do to tables. What Lambda does with the role, `logs:` and the
/// stream, and secrets are looked at in `tests/it/template`.
fn allowed(document: &Value, function: &str) -> BTreeSet<Allowed> {
    let resources = &document["Resources"];
    let role = written(&resources[function]["Properties"]["Role"]);
    let role = role
        .strip_prefix("!GetAtt ")
        .and_then(|role| role.strip_suffix(".Arn"));
    let role = &resources[role.unwrap_or_else(|| panic!("{function} has no role"))]["Properties"];
    let policies = role["Policies"].as_sequence().unwrap().iter();
    let statements =
        policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap());
    let mut allowed = BTreeSet::new();
    for statement in statements {
        let actions = each(&statement["Action"]).into_iter().map(written);
        let actions: Vec<_> = actions
            .filter(|action| action.starts_with("dynamodb:"))
            .collect();
        let resources: Vec<_> = each(&statement["Resource"])
            .into_iter()
            .map(written)
            .collect();
        if actions.is_empty() || resources.iter().any(|on| on.ends_with(".StreamArn")) {
            continue;
        }
        let condition = statement["Condition"].as_mapping().unwrap();
        assert_eq!(condition.len(), 1, "{function}: {condition:?}");
        let (operator, keys) = condition.iter().next().unwrap();
        let patterns = each(&keys["dynamodb:LeadingKeys"]).into_iter().map(written);
        let patterns: Vec<_> = patterns.collect();
        let has_stars = patterns.iter().any(|pattern| pattern.ends_with('*'));
        let expected = if has_stars {
            "StringLike"
        } else {
            "StringEquals"
        };
        assert_eq!(
            written(operator),
            format!("ForAllValues:{expected}"),
            "{function}"
        );
        for (action, resource) in actions
            .iter()
            .flat_map(|action| resources.iter().map(move |on| (action, on)))
        {
            allowed.extend(patterns.iter().map(|pattern| Allowed {
                action: action.clone(),
                resource: resource.clone(),
                pattern: pattern.clone(),
            }));
        }
    }
    allowed
}

/// A tagged value as it is written, any other as it is.
fn written(value: &Value) -> String {
    match value {
        Value::Tagged(tagged) => format!("{} {}", tagged.tag, written(&tagged.value)),
        Value::String(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

fn each(value: &Value) -> Vec<&Value> {
    value
        .as_sequence()
        .map_or_else(|| vec![value], |values| values.iter().collect())
}
