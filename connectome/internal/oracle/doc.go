// Package oracle finds the reference material that tests compare with and that lies beside the
// repository, in ../shared/connectome. It serves tests only; a test that asks for a file which is
// absent is skipped.
package oracle
