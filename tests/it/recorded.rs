//! What Stripe sends in four versions of its API, in the examples that Stripe itself ships
//! (`tests/stripe/recorded`): every event that we read is read, and does what it should.

mod answers;
mod events;
mod shapes;
