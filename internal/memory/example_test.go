package memory_test

import (
	"fmt"
	"strings"

	"elegans/internal/memory"
)

func ExampleLine() {
	fmt.Println(strings.HasPrefix(memory.Line(), "peak memory "))
	// Output: true
}
