//! The law of the house, kept by a machine. A failing test says which rule and where.

mod corridors;
mod deploy;
mod files;
mod people;
mod sentences;
mod sources;
