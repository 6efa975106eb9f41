// Package stats judges whether two kinds of runs differ by more than their scatter.
//
// An observation is a run: one number, such as the accuracy of one trained network on a test set.
// The functions here take the observations of each kind as a slice.
//
//	NewEstimate  mean and Student's interval of one kind
//	Welch        difference of two kinds, with interval, test and detectable difference
//	Holm         p values of several comparisons, adjusted for their number
//
// All tests are two-sided at the level Alpha, all intervals have the confidence 1 - Alpha. Both
// speak about further runs of the same kind on the same data. They say nothing about other data:
// for that, the sampling error of the test set counts as well, which for an accuracy p on n images
// is about sqrt(p(1-p)/n).
//
// The results agree with R's t.test and p.adjust and with SciPy's ttest_ind(equal_var=False).
package stats
