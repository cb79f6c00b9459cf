//! A wallet that is written while it is read is not told as wrong.

use std::{
    collections::VecDeque,
    future::{Future, ready},
    pin::{Pin, pin},
    slice::from_ref,
    sync::Mutex,
    task::{Context, Poll, Waker},
    time::Duration,
};

use jiff::Timestamp;

use super::{READS_MAX, wallets::read_account};
use crate::{
    app::ports::{
        ApplyError, AuditedLedger, Clock, LedgerItem, Outage, Page, PagePosition, Settlement,
        WalletStamp,
    },
    domain::{Account, Recharge, RechargeId, Stored, UserId, Wallet},
};

#[derive(Debug)]
struct Waiting;

impl Clock for Waiting {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }

    fn jitter(&self, max: Duration) -> Duration {
        max
    }
}

/// What a wallet's reads say, one after the other; the last for ever.
struct Scripted {
    accounts: Mutex<VecDeque<Account>>,
    stamps: Mutex<VecDeque<Option<u64>>>,
}

fn next<T: Clone>(script: &Mutex<VecDeque<T>>) -> T {
    let mut script = script.lock().unwrap();
    match script.len() {
        1 => script[0].clone(),
        _ => script.pop_front().unwrap(),
    }
}

impl AuditedLedger for Scripted {
    async fn ledger_page(&self, _: Option<&PagePosition>) -> Result<Page<LedgerItem>, Outage> {
        panic!("not of this test")
    }

    async fn account(&self, _: &UserId) -> Result<Account, Outage> {
        Ok(next(&self.accounts))
    }

    async fn wallet_stamp(&self, _: &UserId) -> Result<WalletStamp, ApplyError> {
        let version = next(&self.stamps).ok_or(ApplyError::Moved)?;
        Ok(WalletStamp(Some((0, version))))
    }

    async fn recharges(&self, _: &[RechargeId]) -> Result<Vec<Option<Stored<Recharge>>>, Outage> {
        panic!("not of this test")
    }

    async fn settlement(&self, _: &UserId, _: &RechargeId) -> Result<Settlement, ApplyError> {
        panic!("not of this test")
    }
}

fn account(last_seq: u64) -> Account {
    let user: UserId = "alice".try_into().unwrap();
    let mut wallet = Wallet::empty(user.clone());
    wallet.last_seq = last_seq;
    Account {
        user,
        wallet: Some(Ok(wallet)),
        entries: Vec::new(),
    }
}

/// How many findings a read ends with, `None` if it gives up.
fn read(accounts: &[Account], stamps: &[Option<u64>]) -> (Option<usize>, usize) {
    let ledger = Scripted {
        accounts: Mutex::new(accounts.iter().cloned().collect()),
        stamps: Mutex::new(stamps.iter().copied().collect()),
    };
    let user = "alice".try_into().unwrap();
    let read = pin!(read_account(&ledger, &Waiting, &user));
    let Poll::Ready(read) = read.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing here waits")
    };
    let left = ledger.accounts.lock().unwrap().len();
    (read.unwrap().map(|(_, findings)| findings.len()), left)
}

#[test]
fn a_wallet_that_is_torn_is_read_again_until_it_is_whole() {
    let (torn, whole) = (account(1), account(0));
    let still = [Some(7)];
    assert_eq!(read(from_ref(&whole), &still).0, Some(0));
    assert_eq!(read(&[torn.clone(), whole.clone()], &still).0, Some(0));
    // It moves from one read to the next, and is being written in between.
    let moving = [Some(7), Some(8), None, Some(9), None, Some(9), Some(9)];
    let reads = [torn.clone(), torn.clone(), torn.clone(), whole];
    assert_eq!(read(&reads, &moving), (Some(0), 1), "all were needed");
}

#[test]
fn what_is_wrong_is_told_of_a_wallet_that_stood_still() {
    let torn = account(1);
    assert_eq!(read(from_ref(&torn), &[Some(7)]).0, Some(1));
    let moving = [Some(7), Some(8), Some(8), None, Some(8), Some(8)];
    assert_eq!(read(&[torn], &moving).0, Some(1));
}

#[test]
fn a_wallet_that_never_stands_still_is_not_judged() {
    let torn = account(1);
    assert_eq!(read(from_ref(&torn), &[None]).0, None);
    let moving: Vec<_> = (0..u64::from(READS_MAX) * 2).map(Some).collect();
    assert_eq!(read(&[torn], &moving).0, None);
}
