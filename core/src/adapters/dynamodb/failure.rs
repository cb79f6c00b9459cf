//! What a failed call means.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
};

use crate::app::ports::Outage;

/// Another write was in the way, or DynamoDB is short of breath: the same may be tried again.
const COLLISIONS: [&str; 7] = [
    "TransactionConflictException",
    "TransactionInProgressException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "LimitExceededException",
];

/// Whether another write was in the way, and not a throttle.
pub(super) fn is_conflict(code: Option<&str>) -> bool {
    matches!(
        code,
        Some("TransactionConflictException" | "TransactionInProgressException")
    )
}

/// How a single conditional write failed.
#[derive(Debug)]
pub(super) enum WriteFailure {
    /// Its condition does not hold: nothing was stored.
    ConditionFailed,
    /// Something was in the way: nothing was stored.
    Collided,
    /// The outcome is unknown.
    Unavailable(Outage),
}

/// The outage that a failed call is, for reads and for writes whose outcome is unknown.
pub(super) fn outage<E, R>(what: &'static str, error: SdkError<E, R>) -> Outage
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    Outage::new(what, error)
}

/// Whether an error of a whole call says that the same may be tried again.
pub(super) fn is_collision(code: Option<&str>) -> bool {
    code.is_some_and(|code| COLLISIONS.contains(&code))
}

macro_rules! write_failure {
    ($function:ident, $error:ty) => {
        pub(super) fn $function<R>(error: SdkError<$error, R>) -> WriteFailure
        where
            R: std::fmt::Debug + Send + Sync + 'static,
        {
            match error.as_service_error() {
                Some(service) if service.is_conditional_check_failed_exception() => {
                    WriteFailure::ConditionFailed
                }
                Some(service) if is_collision(service.code()) => WriteFailure::Collided,
                Some(_) | None => WriteFailure::Unavailable(outage("the ledger", error)),
            }
        }
    };
}

write_failure!(put_failure, PutItemError);
write_failure!(update_failure, UpdateItemError);

/// The code of a failed transaction that was not cancelled.
pub(super) fn transaction_code<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}
