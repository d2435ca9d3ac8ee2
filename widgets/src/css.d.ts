// esbuild gathers imported style sheets into <shell>.css.
declare module "*.css";
