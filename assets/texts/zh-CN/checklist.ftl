# 今天带了吗
sub = 今天带了吗？一样一样问，问完就知道能不能办成
tick-hint = 带了就打勾，没带的别打
from = { $provider } · { $hint }
by-card = 已读卡
brought = 带了
not-yet = 没带
optional = 有就带
not-needed = 不用
needs-photo = 没读卡，要拍
not-needed-more = 按上面的回答，这一样不用
answer-first = 先把上面的问题问完
lacking = 还差：{ $names }
lacking-many = 还差：{ $names } 等 { $count } 样
all-there = 材料齐了，今天能办成
can-keep = 缺材料也可以存为草稿，带齐了接着办
start = 开始填表
no-matter = 还没有选事项
