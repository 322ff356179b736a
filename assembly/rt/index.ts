import "./heap";
