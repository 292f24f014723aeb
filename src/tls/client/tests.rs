//! The client without a socket: against conversations recorded with other stacks, and against what no stack would send.

mod hostile;
mod replay;
