//! Who may deploy, and what a deployment may touch.

use std::collections::BTreeSet;

use serde_norway::Value;

use super::{document, each, written};
use crate::architecture::{names_in, read};

fn roles() -> Value {
    serde_norway::from_str(&read("infra/github/template.yaml")).unwrap()
}

/// The actions that a role allows.
fn actions(roles: &Value, role: &str) -> BTreeSet<String> {
    let role = &roles["Resources"][role]["Properties"];
    assert_eq!(role["ManagedPolicyArns"], Value::Null);
    let policies = role["Policies"].as_sequence().unwrap().iter();
    let statements =
        policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap());
    statements
        .flat_map(|statement| each(&statement["Action"]))
        .map(written)
        .collect()
}

/// A pattern here would let in whoever can name a branch.
#[test]
fn one_environment_of_one_repository_may_deploy_and_nobody_else() {
    let roles = roles();
    let trust = &roles["Resources"]["DeployRole"]["Properties"]["AssumeRolePolicyDocument"];
    let trust = &trust["Statement"];
    assert_eq!(trust.as_sequence().unwrap().len(), 1);
    let condition = trust[0]["Condition"].as_mapping().unwrap();
    let operators: Vec<_> = condition.keys().map(written).collect();
    assert_eq!(operators, ["StringEquals"]);
    let claims = &trust[0]["Condition"]["StringEquals"];
    let claims = claims.as_mapping().unwrap();
    let claims: Vec<_> = claims
        .iter()
        .map(|(name, value)| {
            (
                written(name).rsplit(':').next().unwrap().to_owned(),
                written(value),
            )
        })
        .collect();
    let subject = "!Sub repo:${Repository}:environment:${Stage}";
    let expected = [("aud", "sts.amazonaws.com"), ("sub", subject)];
    assert_eq!(
        claims,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    // The environments are the stages, everywhere.
    let stages = |value: &Value| -> Vec<String> { each(value).into_iter().map(written).collect() };
    let of_template = stages(&document()["Parameters"]["Stage"]["AllowedValues"]);
    assert_eq!(
        stages(&roles["Parameters"]["Stage"]["AllowedValues"]),
        of_template
    );
    let workflow: Value = serde_norway::from_str(&read(".github/workflows/deploy.yml")).unwrap();
    let input = &workflow["on"]["workflow_dispatch"]["inputs"]["stage"];
    assert_eq!(stages(&input["options"]), of_template);
    let job = &workflow["jobs"]["deploy"];
    assert_eq!(written(&job["environment"]), "${{ inputs.stage }}");
}

#[test]
fn a_deployment_touches_no_item_and_deletes_no_table() {
    let roles = roles();
    let making = actions(&roles, "ExecutionRole");
    assert!(!making.iter().any(|action| action.starts_with('*')));
    let of_tables = making
        .iter()
        .filter_map(|action| action.strip_prefix("dynamodb:"));
    // Each was looked at: to add one is to think about it.
    let expected = [
        "CreateTable",
        "DescribeContinuousBackups",
        "DescribeContributorInsights",
        "DescribeKinesisStreamingDestination",
        "DescribeTable",
        "DescribeTimeToLive",
        "GetResourcePolicy",
        "ListTagsOfResource",
        "TagResource",
        "UntagResource",
        "UpdateContinuousBackups",
        "UpdateTable",
        "UpdateTimeToLive",
    ];
    assert_eq!(of_tables.collect::<Vec<_>>(), expected);
    let handed_over = actions(&roles, "DeployRole");
    let services: BTreeSet<_> = handed_over
        .iter()
        .map(|action| action.split(':').next().unwrap())
        .collect();
    assert_eq!(services, BTreeSet::from(["cloudformation", "iam", "s3"]));
}

/// With a template named, SAM looks for its settings beside that, finds none and asks for a stack.
#[test]
fn a_deployment_takes_its_settings_from_samconfig() {
    let workflow = read(".github/workflows/deploy.yml");
    assert!(workflow.contains("--config-env"), "{workflow}");
    assert!(!workflow.contains("--template-file"), "{workflow}");
}

/// A tag may be moved to other code; a commit may not.
#[test]
fn every_action_is_a_commit_and_says_its_version() {
    let mut count = 0;
    for workflow in names_in(".github/workflows") {
        for line in read(&format!(".github/workflows/{workflow}")).lines() {
            let Some((_, used)) = line.split_once("uses: ") else {
                continue;
            };
            let (commit, version) = used.split_once('@').unwrap().1.split_once(" # v").unwrap();
            let is_commit = commit.len() == 40 && commit.chars().all(|it| it.is_ascii_hexdigit());
            assert!(is_commit && version.contains('.'), "{workflow}: {used}");
            count += 1;
        }
    }
    assert!(count > 5, "{count} actions");
}
