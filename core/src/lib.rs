#![doc = include_str!("../README.md")]

pub mod adapters;
pub mod app;
pub mod config;
pub mod domain;
#[cfg(feature = "http")]
pub mod http;
