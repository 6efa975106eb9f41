package quote

import (
	"fmt"
	"strings"
)

// Names joins the first eight of a list of names, each as Name writes it, and counts the rest:
// "a, b and 5 more". No names are "none".
func Names(names []string) string {
	const most = 8
	if len(names) == 0 {
		return "none"
	}
	shown := make([]string, min(len(names), most))
	for i := range shown {
		shown[i] = Name(names[i])
	}
	s := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
