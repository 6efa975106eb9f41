// Package shared finds the material beside the repository that some tests read.
package shared
