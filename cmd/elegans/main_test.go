package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"elegans": main}) }

// TestProgram runs the program itself; its commands are tested in internal/cli.
func TestProgram(t *testing.T) { testscript.Run(t, testscript.Params{Dir: "testdata/script"}) }
