//! Bugs that other projects shipped, each as a scenario that is played on Recharge and on a naive shop
//! that makes the mistake: it must go well on the one and wrong on the other.
//!
//! | | bug | test |
//! |---|---|---|
//! | 1 | the same event twice credits twice (opencode #28402, llmgateway #1713) | `a_01_…` |
//! | 2 | looked for outside of the lock (AutoGPT #10672) | `a_02_…` |
//! | 3 | marked as done, then crashed (Cogtrix #125) | `a_03_…` |
//! | 4 | done, then crashed before it was marked | `a_04_…` |
//! | 5 | two events of one payment at nearly the same time (Lago #2243) | `a_05_…` |
//! | 6 | one table of event ids for two endpoints loses a credit (hackerai #786) | `a_06_…` |
//! | 7 | an insert without a unique key (The-Leetcode-City #518) | `b_07_…` |
//! | 8 | an old signed body is sent again (pollinations #10621) | `a_08_…` |
//! | 9 | the gateway encodes the body (stripe-node #1768) | `a_09_…` |
//! | 10 | several reasons of one cancellation (Gumroad #7454) | `b_10_…` |
//! | 11 | every cancellation is a 404 (voc-datalake #350) | `b_11_…` |
//! | 12 | a mark of work in progress that nobody takes away (Powertools #4759) | `b_12_…` |
//! | 13 | two at once with one token (dynoxide, pull request 124): a store's bug, and we set no token. The SDK's own retries are in `tests/dynamodb-sim/tests/it.rs`, `a_lost_answer_is_asked_for_again_and_done_once` | – |
//! | 14 | of several signatures only the last is read (async-stripe) | `a_14_…` |
//! | 15 | a refund takes coins twice (woocommerce-gateway-stripe #838): waits for reversals, which take settled coins back | – |

mod gifts;
mod naive;
mod webhooks;
