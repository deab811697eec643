# Said in more than one place.
language-name = 中文
reference = 编号 { $id }
