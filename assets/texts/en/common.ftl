language-name = English
reference = Reference { $id }
