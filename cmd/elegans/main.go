package main

import "elegans/cmd/elegans/internal/cli"

func main() { cli.Main(nil) }
