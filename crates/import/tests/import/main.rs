//! What is written from files of others, and from manifests that are there.

#[cfg(test)]
mod accepted;
#[cfg(test)]
mod compiled;
#[cfg(test)]
mod fits;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod gaps;
#[cfg(test)]
mod init;
#[cfg(test)]
mod pages;
mod room;
#[cfg(test)]
mod support;
