# A draft that was begun under another version of the catalogue.
title = 事项目录换了新版：{ $old } → { $new }
safe = 填过的都还在。新表里还问的，已经照原样放好
not-compared = 旧版目录不在这台机器上，变了哪些请看办事指南
old = 旧版填写
old-more = 新表里没有这几项，只给你看，不会交上去
kept-to-read = 这份草稿填过的内容，只能看，不能再交
withdrawn = { $date }起，这件事不在这里办了
withdrawn-where = 到这里办：{ $place }
gone = 目录里没有这件事了
gone-more = 请打镇街的咨询电话问到哪里办。填过的都还在
town-title = 事项目录已更新
town-words = 从现在起按 { $version } 版办理。没办完的草稿打开时会换到新版，并列出改动。
