package gradcheck

func init() {
	rows["Reshape"] = []row{
		{name: "derived length", inputs: uniform(-1, 1, []int{2, 3, 4}), f: unary(func(tp *tape, x *variable) *variable { return tp.Reshape(x, -1, 6) })},
	}
}
