package tensor

import "fmt"

// budget counts the elements of tensors that are made with a key and those derived from it.
type budget struct {
	limit int
	taken float64 // no product of lengths overflows it
}

// Within returns a key of the same numbers with which, and with keys derived from it, Uniform and
// Normal make tensors of at most so many elements in all. The tensor that would exceed that is not
// made: they panic with a *BudgetError. It bounds the memory of a model whose size nobody has
// checked. Such keys are for one goroutine at a time.
func (k Key) Within(elements int) Key {
	k.budget = &budget{limit: elements}
	return k
}

// BudgetError says that tensors of more elements were asked for than Key.Within permits.
type BudgetError struct {
	Elements float64 // of the tensors made, and of the one that was not
	Limit    int
}

// Error implements error.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("tensor: %.3g elements drawn, expected at most %d", e.Elements, e.Limit)
}

// charge counts a tensor that is to be made.
func (k Key) charge(shape []int) {
	if k.budget == nil {
		return
	}
	n := 1.0
	for _, d := range shape {
		n *= float64(d)
	}
	k.budget.taken += n
	if k.budget.taken > float64(k.budget.limit) {
		panic(&BudgetError{k.budget.taken, k.budget.limit})
	}
}
