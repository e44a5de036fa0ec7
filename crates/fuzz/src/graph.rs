//! What Facebook answers.

use bolero::check;
use pagekeeper_common::graph::fuzzing;

#[test]
fn graph_json() {
    check!().for_each(fuzzing::read_body);
}

#[test]
fn usage_headers() {
    check!().for_each(fuzzing::read_usage);
}
