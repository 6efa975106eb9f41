// Command elegans trains networks wired like the nervous system of Caenorhabditis elegans, compares
// them with honest controls, and checks the engine that they run on.
//
// Without a subcommand it runs the main job (elegans compare). Results go to standard output,
// everything else to standard error. Exit codes: 0 for success, 1 for a failure, 2 for bad usage or
// input, with one line that says what was found and what was expected.
package main
