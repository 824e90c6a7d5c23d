//! Scenarios as text: one record a line, the outcome as text.
